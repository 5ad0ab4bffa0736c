// Events of enlistments, as those who follow users and groups look at them.

import { matches } from '../../../platform/access/condition-matches.ts';
import type { GroupRelation } from '../../../platform/access/rights-change.ts';
import type { LogEvent } from '../../../platform/events/event.ts';
import type { Viewer } from '../visible.ts';
import { visiblePatientEnlistment, visibleStaffEnlistment } from '../visible.ts';

export interface EnlistmentEvent {
  readonly relation: GroupRelation;
  readonly userId: string;
  readonly groupId: string;
  /** An enlistment that has expired is there, and ties nobody any more. */
  readonly what: 'began' | 'expired' | 'ended';
}

const types: Readonly<Record<string, Pick<EnlistmentEvent, 'relation' | 'what'>>> = {
  staff_enlistment_added: { relation: 'staff', what: 'began' },
  staff_enlistment_removed: { relation: 'staff', what: 'ended' },
  patient_enlistment_added: { relation: 'patient', what: 'began' },
  patient_enlistment_expired: { relation: 'patient', what: 'expired' },
  patient_enlistment_removed: { relation: 'patient', what: 'ended' },
};

export function findEnlistmentEvent({ type, content }: LogEvent): EnlistmentEvent | undefined {
  const facts = Object.hasOwn(types, type) ? types[type] : undefined;
  const { userId, groupId } = content;
  if (facts === undefined || typeof userId !== 'string' || typeof groupId !== 'string') return undefined;
  return { ...facts, userId, groupId };
}

/** Whether the viewer may know of the enlistment: by its own rule, however it is with the user and the group. */
export function seesEnlistment(viewer: Viewer, { relation, userId, groupId }: EnlistmentEvent): boolean {
  const rule = relation === 'staff' ? visibleStaffEnlistment(viewer) : visiblePatientEnlistment(viewer);
  return matches(rule, { userId, groupId });
}
