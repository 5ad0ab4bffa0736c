// A `POST` of a multipart form (RFC 7578) as an upload: its parts as they arrive.
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../platform/errors.ts';
import type { UserIdentity } from '../../platform/subgraph/context.ts';
import { patiently } from './request-bytes.ts';
import type { FormPart, UploadedForm, UploadForm } from './upload-form.ts';

interface Reception {
  readonly uploader: UserIdentity;
  readonly uploadForm: UploadForm;
  readonly patience: number;
}

const limits = {
  fieldNameSize: 100,
  /** 50 tags of 100 characters, as JSON. */
  fieldSize: 64 * 1024,
  fields: 64,
  // A second file is seen, and refused with a reason.
  files: 2,
  parts: 66,
  headerPairs: 20,
  // How large the file may be, its reader knows.
  fileSize: Number.MAX_SAFE_INTEGER,
};

/** Teaches these routes to read forms; their content type is nothing to others. */
export async function readForms(routes: FastifyInstance): Promise<void> {
  await routes.register(multipart, { limits });
}

export function receiveForm(
  request: FastifyRequest,
  { uploader, uploadForm, patience }: Reception,
): Promise<UploadedForm> {
  if (!request.isMultipart()) {
    throw new AppError('BAD_REQUEST', 'Content-Type: a file is sent here as multipart/form-data.');
  }
  const length = request.headers['content-length'];
  return uploadForm({
    uploader,
    parts: patiently(formParts(request, patience), patience),
    length: length === undefined ? undefined : Number(length),
  });
}

async function* formParts(request: FastifyRequest, patience: number): AsyncGenerator<FormPart> {
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') {
        const bytes = patiently(part.file[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>, patience);
        yield { kind: 'file', field: part.fieldname, fileName: part.filename, mimeType: part.mimetype, bytes };
        continue;
      }
      if (part.fieldnameTruncated || part.valueTruncated) {
        throw new AppError('BAD_REQUEST', 'A field of the form is longer than anything that is read from it.');
      }
      yield { kind: 'field', name: part.fieldname, value: part.value };
    }
  } catch (error) {
    throw formFailure(error);
  }
}

/** The library has codes of its own for forms with too much in them; everything else is a form that ends too early. */
function formFailure(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { code, message } = error as { code?: string; message: string };
  const reason = code === undefined || code === 'FST_MP_PREMATURE_CLOSE' ? 'it is cut off or malformed' : message;
  return new AppError('BAD_REQUEST', `The form cannot be read: ${reason}.`, undefined, { cause: error });
}
