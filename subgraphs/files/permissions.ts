// Who may call which operation. Which files they then see is decided in visible-file.ts, which tokens in
// tokens/require-token.ts.
import { anyone, can, internal, nullUnless, signedIn, signedInAnd } from '../../platform/access/rules.ts';
import type { AccessRule, PermissionMap } from '../../platform/access/shield.ts';

const seeing = signedInAnd({ description: 'VIEW_FILES', otherwise: 'your own, and those of documents that you see' });

const handlingTokens = signedInAnd({
  description: 'VIEW_FILES',
  otherwise: 'for your own files, and for whose `FULL` token you have',
});

/** The use case refuses who is not signed in, unless operators decided otherwise. */
const byToken: AccessRule = {
  ...anyone,
  description: 'any signed-in user',
  otherwise: 'anyone, while the setting `anonymousTokens` is on',
};

export const permissions: PermissionMap = {
  Query: {
    file: seeing,
    files: seeing,
    fileByToken: byToken,
    fileSettings: can('VIEW_FILE_SERVICE_SETTINGS'),
    visibleFiles: internal,
  },
  Mutation: {
    createFile: signedIn,
    deleteFile: signedInAnd({ description: 'being its creator', otherwise: 'with a `FULL` token' }),
    createFileToken: handlingTokens,
    revokeFileToken: handlingTokens,
    updateFileSettings: can('UPDATE_FILE_SERVICE_SETTINGS'),
  },
  Subscription: {
    fileChanged: seeing,
  },
  File: {
    tokens: nullUnless('VIEW_FILES', 'for your own files, and through a `FULL` token'),
  },
};
