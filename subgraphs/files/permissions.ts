// Who may call which operation. Which files they then see is decided in visible-file.ts.
import { internal, signedIn } from '../../platform/access/rules.ts';
import type { PermissionMap } from '../../platform/access/shield.ts';

export const permissions: PermissionMap = {
  Query: {
    file: signedIn,
    files: signedIn,
    visibleFiles: internal,
  },
  Mutation: {
    createFile: signedIn,
  },
};
