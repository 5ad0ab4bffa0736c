// Indexes in definitions: what is refused and where, and what passes.
import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../../platform/errors.ts';
import { createConfigurationCompiler } from '../schemas/compile-configuration.ts';
import { requireDefinition } from '../schemas/schema-definition.ts';

const compile = createConfigurationCompiler();
const string = { type: 'string' };
const properties = {
  a: string,
  b: { type: 'number' },
  hidden: { ...string, queryable: false },
  hiddenList: { type: 'array', items: string, queryable: false },
  tags: { type: 'array', items: string },
  device: { type: 'object', properties: { model: string } },
};
const define = (indexes: unknown) => requireDefinition({ properties, indexes }, 'd', { compile });
const on = (names: string, options = {}) => ({
  fields: names.split(' ').map((field) => {
    const [name, type = 'asc'] = field.split(':');
    return { name, type };
  }),
  options,
});

describe('an index is refused, naming the path', () => {
  const cases: [string, unknown, string, number?][] = [
    ['that is no object', [7], 'indexes.0'],
    ['without fields', [{ fields: [] }], 'indexes.0.fields'],
    ['of too many fields', [on(Array.from({ length: 11 }, (_, i) => `data.a${i}`).join(' '))], 'indexes.0.fields'],
    ['with a key that is not known', [{ ...on('status'), where: {} }], 'indexes.0.where'],
    ['with an option that is not known', [on('status', { partial: true })], 'indexes.0.options.partial'],
    ['with a type that is not known', [on('status:hash')], 'indexes.0.fields.0.type'],
    ['on a root field that there is not', [on('owner')], 'indexes.0.fields.0.name'],
    ['on the data as a whole', [on('data')], 'indexes.0.fields.0.name'],
    ['on what is not declared', [on('status data.c')], 'indexes.0.fields.1.name'],
    ['on an object', [on('data.device')], 'indexes.0.fields.0.name'],
    ['on what is not to be queried', [on('data.hidden')], 'indexes.0.fields.0.name', 19],
    ['on a list that is not to be queried', [on('data.hiddenList')], 'indexes.0.fields.0.name', 19],
    ['on a field twice', [on('data.a data.a:desc')], 'indexes.0.fields.1.name'],
    ['on a list among others', [on('data.a data.tags')], 'indexes.0.fields.1.name'],
    ['on a list of ids among others', [on('groupIds data.a')], 'indexes.0.fields.0.name'],
    ['that is unique on a list', [on('data.tags', { unique: true })], 'indexes.0.options.unique'],
    ['that is unique on an item of a list', [on('data.tags.0', { unique: true })], 'indexes.0.options.unique'],
    ['that is unique on a moment', [on('data.a updatedAt', { unique: true })], 'indexes.0.options.unique'],
    ['that is unique on text', [on('data.a:text', { unique: true })], 'indexes.0.options.unique'],
    ['of texts on a number', [on('data.b:text')], 'indexes.0.fields.0.type'],
    ['of texts on a moment', [on('createdAt:text')], 'indexes.0.fields.0.type'],
    ['of texts and others', [on('data.a:text data.b')], 'indexes.0.fields.1.type'],
    ['of texts beside another of texts', [on('data.a:text'), on('status:text')], 'indexes.1'],
    ['with the same fields as another', [on('data.a'), on('data.a', { sparse: true })], 'indexes.1.fields'],
    ['in too great a number', Array.from({ length: 21 }, (_, i) => on(`data.tags.${i}`)), 'indexes'],
  ];

  test.each(cases)('%s', (_what, indexes, path, code = 26) => {
    let refusal: unknown;
    try {
      define(indexes);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining(`d.${path}: `),
      details: { field: `d.${path}`, code },
    });
  });
});

test('what the server adds to indexes is passed over, and its own are left out', () => {
  const index = on('data.a:desc data.device.model data.b', { unique: true });
  const given = [
    { ...index, id: 'x', name: 'y', system: false },
    { ...on('creatorId'), system: true },
    on('data.tags'),
  ];
  expect(define(given).indexes).toEqual([index, on('data.tags')]);
});
