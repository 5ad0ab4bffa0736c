// What tests ask the service `files`, and the services beside it, in GraphQL.
import type { IdentityData } from '../../platform/identity/identity.ts';
import type { FileService } from './file-service.ts';

export interface FileRefusal {
  readonly code: string;
  readonly field?: string;
  /** The number of the reference. */
  readonly number?: number;
}

export interface FileQuestions {
  /** The data of an answer without errors. */
  // Tests read answers loosely; what they expect stands in their assertions.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  ask(viewer: IdentityData, query: string, variables?: Record<string, unknown>, service?: string): Promise<any>;
  /** The first error of an answer that has one. */
  refusal(viewer: IdentityData, query: string, variables?: Record<string, unknown>): Promise<FileRefusal>;
}

/** `files` is asked for when it is needed: tests start it later. */
export function fileQuestions(files: () => FileService): FileQuestions {
  return {
    async ask(viewer, query, variables = {}, service = 'files') {
      const { data, errors } = await files().graph.execute(service, { query, variables, identity: viewer });
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      return data;
    },
    async refusal(viewer, query, variables = {}) {
      const { errors } = await files().graph.execute('files', { query, variables, identity: viewer });
      const { code, details } = (errors?.[0]?.extensions ?? {}) as {
        code?: string;
        details?: { field?: string; code?: number };
      };
      const { field, code: number } = details ?? {};
      return {
        code: code ?? 'no error',
        ...(field === undefined ? {} : { field }),
        ...(number === undefined ? {} : { number }),
      };
    },
  };
}

export const createFileTokenMutation = `mutation ($input: CreateFileTokenInput!) {
  createFileToken(input: $input) { token { id token accessLevel expiresAt singleUse createdAt } }
}`;
export const revokeFileTokenMutation =
  'mutation ($input: RevokeFileTokenInput!) { revokeFileToken(input: $input) { tokenId } }';
export const deleteFileMutation = 'mutation ($input: DeleteFileInput!) { deleteFile(input: $input) { fileId } }';
export const updateFileSettingsMutation = `mutation ($input: UpdateFileSettingsInput!) {
  updateFileSettings(input: $input) {
    settings {
      disableForceDownloadForMimeTypes anonymousTokens maximumFileBytes maximumBytesPerUser
      applicationLimits { applicationId maximumFileBytes maximumBytes }
    }
  }
}`;
