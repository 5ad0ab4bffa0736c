// The access modes of schemas: the spellings that authors may use, old ones included, and what they mean. A definition
// keeps the spelling it was given; who decides on access asks for the meaning.
import { z } from 'zod';

/** What ties a user to a document. */
export type Relation = (typeof relations)[number];

/** What the modes of a schema mean, whatever their spelling. */
export interface Modes {
  readonly createMode: CreateMode;
  readonly readMode: ReadMode;
  readonly updateMode: ChangeMode;
  readonly deleteMode: ChangeMode;
}

export type CreateMode = 'allUsers' | 'permissionRequired';
export type ReadMode = CreateMode | readonly Relation[];
export type ChangeMode = 'permissionRequired' | readonly Relation[];

const relations = ['creator', 'linkedUsers', 'linkedGroupStaff', 'linkedGroupPatients'] as const;
const linked = ['linkedUsers', 'linkedGroupStaff'] as const;

const oldSpellings = {
  createMode: { default: 'allUsers' },
  readMode: { default: linked, enlistedInLinkedGroups: ['linkedGroupPatients', 'linkedGroupStaff'] },
  updateMode: {
    default: linked,
    creatorOnly: ['creator'],
    disabled: 'permissionRequired',
    linkedGroupsStaffOnly: ['linkedGroupStaff'],
  },
  /** Despite its name it means the staff of linked groups, too. */
  deleteMode: { linkedUsersOnly: linked },
} as const;

const relationList = `a list of ${relations.map((relation) => `\`${relation}\``).join(', ')}`;
const related = z.array(z.enum(relations, `must be ${relationList}.`)).max(relations.length);
const anyone = ['allUsers', 'permissionRequired'] as const;
const permissionRequired = ['permissionRequired'] as const;

/** The modes as authors write them, with their defaults. */
export const modeShapes = {
  createMode: z
    .enum([...anyone, ...oldWords('createMode')], 'must be `allUsers` or `permissionRequired`.')
    .default('allUsers'),
  readMode: z
    .union(
      [related, z.enum([...anyone, ...oldWords('readMode')])],
      `must be \`allUsers\`, \`permissionRequired\` or ${relationList}.`,
    )
    .default([...linked]),
  updateMode: changeMode('updateMode').default([...linked]),
  deleteMode: changeMode('deleteMode').default('permissionRequired'),
};

/** Modes in the spelling that they were given in. */
export type SpelledModes = {
  readonly [M in keyof Modes]: Modes[M] | keyof (typeof oldSpellings)[M];
};

export function normalisedModes({ createMode, readMode, updateMode, deleteMode }: SpelledModes): Modes {
  return {
    createMode: meaning('createMode', createMode) as CreateMode,
    readMode: meaning('readMode', readMode) as ReadMode,
    updateMode: meaning('updateMode', updateMode) as ChangeMode,
    deleteMode: meaning('deleteMode', deleteMode) as ChangeMode,
  };
}

/** Nobody is related in no way: an empty list leaves permissions alone. */
function meaning(mode: keyof Modes, spelled: string | readonly Relation[]): string | readonly Relation[] {
  if (typeof spelled !== 'string') return spelled.length === 0 ? 'permissionRequired' : spelled;
  const old: Readonly<Record<string, string | readonly Relation[]>> = oldSpellings[mode];
  return Object.hasOwn(old, spelled) ? (old[spelled] ?? spelled) : spelled;
}

function oldWords<M extends keyof Modes>(mode: M): (keyof (typeof oldSpellings)[M])[] {
  return Object.keys(oldSpellings[mode]) as (keyof (typeof oldSpellings)[M])[];
}

function changeMode<M extends 'updateMode' | 'deleteMode'>(mode: M) {
  return z.union(
    [related, z.enum([...permissionRequired, ...(oldWords(mode) as (keyof (typeof oldSpellings)[M] & string)[])])],
    `must be \`permissionRequired\` or ${relationList}.`,
  );
}
