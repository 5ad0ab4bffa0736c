// The jobs of this module.
import type { JobHandlers } from '../../../platform/jobs/job.ts';
import type { UsersParts } from '../users-parts.ts';
import { sendVerificationMail } from './send-verification-mail.ts';

export function accountsJobs(parts: UsersParts): JobHandlers {
  return { sendVerificationMail: { run: (data) => sendVerificationMail(parts, data) } };
}
