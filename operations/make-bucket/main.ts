// Makes the bucket that S3_BUCKET names, where it is not there yet: what an S3 store of one's own needs once.
import { CreateBucketCommand, HeadBucketCommand, NotFound, S3Client } from '@aws-sdk/client-s3';
import { readConfig } from '../../platform/config.ts';
import { runProgram, StartError } from '../../platform/start-error.ts';

await runProgram(async () => {
  const { s3 } = readConfig(process.env);
  if (s3?.accessKeyId === undefined || s3.secretAccessKey === undefined) {
    throw new StartError('S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are needed.');
  }
  const client = new S3Client({
    region: s3.region,
    ...(s3.endpoint === undefined ? {} : { endpoint: s3.endpoint, forcePathStyle: true }),
    credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
  });
  try {
    await client.send(new HeadBucketCommand({ Bucket: s3.bucket }));
    process.stdout.write(`The bucket ${s3.bucket} is there.\n`);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    await client.send(new CreateBucketCommand({ Bucket: s3.bucket }));
    process.stdout.write(`The bucket ${s3.bucket} was made.\n`);
  } finally {
    client.destroy();
  }
});
