// A subject of an OpenID Connect provider, as `auth` names it: checked, and with what the provider says of it.
import { requireId } from '../../../platform/ids.ts';
import { isStorable, requireText } from '../../../platform/text.ts';
import type { Subject } from './link-store.ts';

export interface OidcSubjectInput extends Subject {
  readonly email?: string | null;
  readonly emailVerified: boolean;
  readonly firstName?: string | null;
  readonly lastName?: string | null;
}

/** The two that name a subject. OpenID Connect Core 1.0, section 2: a subject has at most 255 characters. */
export function requireSubject({ providerId, subjectId }: OidcSubjectInput): Subject {
  return {
    providerId: requireId(providerId, 'input.providerId'),
    subjectId: requireText(subjectId, 'input.subjectId', { least: 1, most: 255 }),
  };
}

/** Providers need not tell names. What they tell is taken as far as it fits: nobody at the sign-in could correct it. */
export function nameFrom(given: string | null | undefined, otherwise: string): string {
  const name = [...(given ?? '').trim()].slice(0, 100).join('');
  return name === '' || !isStorable(name) ? otherwise : name;
}
