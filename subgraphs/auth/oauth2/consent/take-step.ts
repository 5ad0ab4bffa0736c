// What comes of what a user sends from a consent page: the next page, the same one with a fault told, or the way back to
// the application.
import { AppError } from '../../../../platform/errors.ts';
import type { AuthParts } from '../../auth-parts.ts';
import { redeemChallenge } from '../../mfa/redeem-challenge.ts';
import type { Authentication } from '../../users-service.ts';
import type { AuthorizationRequest } from '../authorization-request.ts';
import { grantAuthorization } from '../create-authorization.ts';
import { findParameter, type Parameters } from '../endpoints/parameters.ts';
import { redirectLocation } from '../redirect-location.ts';
import { signInForApplication } from '../sign-in-for-application.ts';
import type { ChallengeMethod, Step } from './flow.ts';
import { type Fault, faultOf } from './page-faults.ts';

export type Outcome =
  | { readonly location: string }
  | { readonly step: Step; readonly fault?: Fault; readonly email?: string | undefined };

export interface Sent {
  readonly step: Step;
  readonly request: AuthorizationRequest;
  /** The fields of the form. */
  readonly fields: Parameters;
  /** Epoch milliseconds. */
  readonly now: number;
}

export async function takeStep(parts: AuthParts, sent: Sent): Promise<Outcome> {
  const { step, request, fields, now } = sent;
  const action = fields.get('action');
  if (action === 'deny') {
    const answer = { error: 'access_denied', error_description: 'The user did not agree.' };
    return { location: redirectLocation(request, answer, parts.config.publicUrl ?? '') };
  }
  switch (step.name) {
    case 'sign-in':
      return signIn(parts, sent);
    case 'second-factor':
      return proveSecondFactor(parts, sent, step);
    case 'consent': {
      // Nothing but the button itself is consent.
      if (action !== 'allow') return { step };
      const { authentication } = step;
      const { location } = await grantAuthorization(parts, { request, by: authentication }, now);
      return { location };
    }
  }
}

async function signIn(parts: AuthParts, { request, fields, now }: Sent): Promise<Outcome> {
  const step: Step = { name: 'sign-in' };
  const [email, password] = [fields.get('email')?.trim(), fields.get('password')];
  try {
    if (email === undefined || password === undefined) throw new AppError('BAD_USER_INPUT');
    for (const name of ['email', 'password']) findParameter(fields, name);
    const authentication = await signInForApplication(parts, { client: request.client, email, password }, now);
    return consentOf(email, authentication);
  } catch (error) {
    if (error instanceof AppError && error.code === 'MFA_REQUIRED') return { step: secondFactorOf(email ?? '', error) };
    return { step, fault: faultOf(error), email };
  }
}

async function proveSecondFactor(
  parts: AuthParts,
  { request, fields, now }: Sent,
  step: Step & { readonly name: 'second-factor' },
): Promise<Outcome> {
  const { client } = request;
  const { token, email, methods } = step;
  const methodId = methods.find(({ id }) => id === fields.get('method'))?.id;
  try {
    const code = findParameter(fields, 'code', 100);
    if (methodId === undefined || code === undefined) throw new AppError('BAD_USER_INPUT');
    const { applicationId } = client;
    return consentOf(email, await redeemChallenge(parts, { token, methodId, code, applicationId, now }));
  } catch (error) {
    const fault = faultOf(error);
    // The challenge is of no use any more: only a new sign-in gives another.
    return fault.kind === 'tooLong' ? { step: { name: 'sign-in' }, fault, email } : { step, fault };
  }
}

function consentOf(email: string, authentication: Authentication): Outcome {
  const { userId, credentialVersion } = authentication;
  return { step: { name: 'consent', email, authentication: { userId, credentialVersion } } };
}

function secondFactorOf(email: string, { details }: AppError): Step {
  const { token, methods } = details as unknown as { token: string; methods: readonly ChallengeMethod[] };
  const shown = methods.map(({ id, type, name }) => ({ id, type, name }));
  return { name: 'second-factor', email, token, methods: shown };
}
