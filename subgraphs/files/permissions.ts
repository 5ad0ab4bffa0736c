// Who may call which operation. Which files they then see is decided in visible-file.ts.
import { internal, signedIn, signedInAnd } from '../../platform/access/rules.ts';
import type { PermissionMap } from '../../platform/access/shield.ts';

const seeing = signedInAnd({ description: 'VIEW_FILES', otherwise: 'your own, and those of documents that you see' });

export const permissions: PermissionMap = {
  Query: {
    file: seeing,
    files: seeing,
    visibleFiles: internal,
  },
  Mutation: {
    createFile: signedIn,
  },
};
