-- AlterTable
ALTER TABLE "data"."document_schemas" ADD COLUMN     "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN     "disabled" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "data"."documents" ADD COLUMN     "locked_at" TIMESTAMPTZ(3),
ADD COLUMN     "synced_group_ids" UUID[] DEFAULT ARRAY[]::UUID[],
ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "data"."document_indexes" (
    "id" UUID NOT NULL,
    "schema_id" UUID NOT NULL,
    "fields" JSONB NOT NULL,
    "unique" BOOLEAN NOT NULL,
    "sparse" BOOLEAN NOT NULL,
    "state" TEXT NOT NULL,
    "failure" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "document_indexes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "data"."document_versions" (
    "document_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "transitions" TEXT[],
    "status" TEXT NOT NULL,
    "user_id" UUID,
    "changes" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "document_versions_pkey" PRIMARY KEY ("document_id","version")
);

-- CreateTable
CREATE TABLE "data"."document_comments" (
    "id" UUID NOT NULL,
    "document_id" UUID NOT NULL,
    "creator_id" UUID NOT NULL,
    "text" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "document_comments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "data"."document_runs" (
    "document_id" UUID NOT NULL,
    "state" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "document_runs_pkey" PRIMARY KEY ("document_id")
);

-- CreateIndex
CREATE INDEX "document_indexes_schema_id_id_idx" ON "data"."document_indexes"("schema_id", "id");

-- CreateIndex
CREATE INDEX "document_comments_document_id_id_idx" ON "data"."document_comments"("document_id", "id");

-- AddForeignKey
ALTER TABLE "data"."document_indexes" ADD CONSTRAINT "document_indexes_schema_id_fkey" FOREIGN KEY ("schema_id") REFERENCES "data"."document_schemas"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "data"."document_versions" ADD CONSTRAINT "document_versions_document_id_fkey" FOREIGN KEY ("document_id") REFERENCES "data"."documents"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "data"."document_comments" ADD CONSTRAINT "document_comments_document_id_fkey" FOREIGN KEY ("document_id") REFERENCES "data"."documents"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "data"."document_runs" ADD CONSTRAINT "document_runs_document_id_fkey" FOREIGN KEY ("document_id") REFERENCES "data"."documents"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Companions of the index in the order of creation, for those who see the documents of some groups only
-- (subgraphs/data/queries/access-scans-sql.ts). Prisma's schema cannot say what these are.
CREATE INDEX "documents_schema_id_id_g1" ON "data"."documents"("schema_id", ("group_ids"[1]), "id") WHERE "group_ids"[1] IS NOT NULL;
CREATE INDEX "documents_schema_id_id_g2" ON "data"."documents"("schema_id", ("group_ids"[2]), "id") WHERE "group_ids"[2] IS NOT NULL;
CREATE INDEX "documents_schema_id_id_gx" ON "data"."documents"("schema_id", "id") WHERE cardinality("group_ids") > 2;

-- Without it PostgreSQL takes a third of all documents for ones with more than two groups.
CREATE STATISTICS "data"."documents_group_count" ON (cardinality("group_ids")) FROM "data"."documents";

-- The documents that are there begin with their first version.
INSERT INTO "data"."document_versions" (document_id, version, kind, transitions, status, user_id, changes, created_at, updated_at)
SELECT id, 1, 'CREATED', '{}', status, creator_id, '[]', created_at, created_at FROM "data"."documents";

-- Definitions are complete: what authors left out has its default.
UPDATE "data"."document_schemas"
SET definition = '{"transitions": [], "indexes": [], "groupSyncMode": "disabled"}'::jsonb || definition;
