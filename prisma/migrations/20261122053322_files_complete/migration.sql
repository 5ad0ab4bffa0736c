-- AlterTable
ALTER TABLE "files"."files" ADD COLUMN     "application_id" UUID,
ADD COLUMN     "master_key_id" TEXT,
ADD COLUMN     "status" TEXT NOT NULL DEFAULT 'AWAITING_BYTES',
ADD COLUMN     "wrapped_key" TEXT;

-- CreateTable
CREATE TABLE "files"."uploads" (
    "file_id" UUID NOT NULL,
    "length" BIGINT,
    "offset" BIGINT NOT NULL DEFAULT 0,
    "state" BYTEA,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "uploads_pkey" PRIMARY KEY ("file_id")
);

-- CreateTable
CREATE TABLE "files"."segments" (
    "file_id" UUID NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "store_key" UUID NOT NULL,
    "size" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "segments_pkey" PRIMARY KEY ("file_id","ordinal")
);

-- CreateTable
CREATE TABLE "files"."tokens" (
    "id" UUID NOT NULL,
    "file_id" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "access_level" TEXT NOT NULL,
    "creator_id" UUID,
    "expires_at" TIMESTAMPTZ(3),
    "single_use" BOOLEAN NOT NULL DEFAULT false,
    "used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "files"."thumbnails" (
    "file_id" UUID NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "store_key" UUID NOT NULL,
    "size" BIGINT NOT NULL,
    "mime_type" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "thumbnails_pkey" PRIMARY KEY ("file_id","width","height")
);

-- CreateTable
CREATE TABLE "files"."settings" (
    "id" SMALLINT NOT NULL DEFAULT 1,
    "disable_force_download_for_mime_types" TEXT[],
    "anonymous_tokens" BOOLEAN NOT NULL DEFAULT false,
    "maximum_file_bytes" BIGINT,
    "maximum_bytes_per_user" BIGINT,
    "application_limits" JSONB NOT NULL DEFAULT '[]',
    "store_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "files"."usage" (
    "kind" TEXT NOT NULL,
    "owner_id" UUID NOT NULL,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "usage_pkey" PRIMARY KEY ("kind","owner_id")
);

-- CreateIndex
CREATE INDEX "uploads_expires_at_idx" ON "files"."uploads"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "segments_store_key_key" ON "files"."segments"("store_key");

-- CreateIndex
CREATE UNIQUE INDEX "tokens_hash_key" ON "files"."tokens"("hash");

-- CreateIndex
CREATE INDEX "tokens_file_id_id_idx" ON "files"."tokens"("file_id", "id");

-- CreateIndex
CREATE INDEX "tokens_expires_at_idx" ON "files"."tokens"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "thumbnails_store_key_key" ON "files"."thumbnails"("store_key");

-- CreateIndex
CREATE INDEX "files_size_id_idx" ON "files"."files"("size", "id");

-- CreateIndex
CREATE INDEX "files_master_key_id_id_idx" ON "files"."files"("master_key_id", "id");

-- AddForeignKey
ALTER TABLE "files"."uploads" ADD CONSTRAINT "uploads_file_id_fkey" FOREIGN KEY ("file_id") REFERENCES "files"."files"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "files"."segments" ADD CONSTRAINT "segments_file_id_fkey" FOREIGN KEY ("file_id") REFERENCES "files"."files"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "files"."tokens" ADD CONSTRAINT "tokens_file_id_fkey" FOREIGN KEY ("file_id") REFERENCES "files"."files"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "files"."thumbnails" ADD CONSTRAINT "thumbnails_file_id_fkey" FOREIGN KEY ("file_id") REFERENCES "files"."files"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: files whose bytes came before this migration keep them, as one segment; a job encrypts it.
INSERT INTO "files"."segments" ("file_id", "ordinal", "store_key", "size", "updated_at")
SELECT "id", 0, "store_key"::uuid, "size", now() FROM "files"."files" WHERE "store_key" IS NOT NULL;

UPDATE "files"."files" SET "status" = 'READY' WHERE "store_key" IS NOT NULL;

INSERT INTO "files"."usage" ("kind", "owner_id", "bytes", "updated_at")
SELECT 'user', "creator_id", sum("size"), now() FROM "files"."files" WHERE "store_key" IS NOT NULL GROUP BY "creator_id";

ALTER TABLE "files"."files" DROP COLUMN "store_key";

INSERT INTO "files"."settings" ("id", "disable_force_download_for_mime_types", "updated_at") VALUES (1, '{}', now());
