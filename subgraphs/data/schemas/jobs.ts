// The jobs of schemas and their indexes.
import type { JobHandlers } from '../../../platform/jobs/job.ts';
import { indexJobs } from '../indexes/build-index.ts';
import type { DataParts } from '../parts.ts';
import { removeDeletedSchemaJob } from './delete-document-schema.ts';

export function schemasJobs(parts: DataParts): JobHandlers {
  return {
    ...indexJobs(parts),
    deleteSchema: { run: (data) => removeDeletedSchemaJob(data, parts), concurrency: 1 },
  };
}
