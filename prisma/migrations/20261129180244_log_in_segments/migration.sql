-- By hand: whatever still writes into the table of before waits until this is committed, and then fails.
LOCK TABLE "events"."events" IN ACCESS EXCLUSIVE MODE;

-- CreateTable
CREATE TABLE "events"."outbox" (
    "seq" BIGSERIAL NOT NULL,
    "id" UUID NOT NULL,
    "service" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "access" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "events"."log" (
    "segment" BIGINT NOT NULL,
    "position" BIGINT NOT NULL,
    "id" UUID NOT NULL,
    "service" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "access" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "log_pkey" PRIMARY KEY ("segment","position")
) PARTITION BY LIST ("segment"); -- by hand: the partitioning

-- CreateTable
CREATE TABLE "events"."log_segments" (
    "number" BIGINT NOT NULL,
    "first_position" BIGINT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "log_segments_pkey" PRIMARY KEY ("number")
);

-- CreateIndex
CREATE INDEX "log_id_idx" ON "events"."log"("id");

-- CreateIndex
CREATE INDEX "log_type_segment_position_idx" ON "events"."log"("type", "segment", "position");

-- CreateIndex
CREATE INDEX "log_created_at_idx" ON "events"."log"("created_at");

-- By hand: the first segment, with what the log holds already. (platform/events/segments.ts makes the others.)
CREATE TABLE "events"."log_1" PARTITION OF "events"."log" FOR VALUES IN (1);

INSERT INTO "events"."log_segments" ("number", "first_position", "started_at")
SELECT 1, coalesce(min(event."position"), max(head."position") + 1), coalesce(min(event."created_at"), now())
FROM "events"."log_head" AS head LEFT JOIN "events"."events" AS event ON event."position" IS NOT NULL;

INSERT INTO "events"."log"
  ("segment", "position", "id", "service", "type", "content", "access", "created_at", "updated_at")
SELECT 1, "position", "id", "service", "type", "content", "access", "created_at", "updated_at"
FROM "events"."events" WHERE "position" IS NOT NULL ORDER BY "position";

-- By hand: what waits for its position goes on waiting, in the same order.
INSERT INTO "events"."outbox" ("id", "service", "type", "content", "access", "created_at", "updated_at")
SELECT "id", "service", "type", "content", "access", "created_at", "updated_at"
FROM "events"."events" WHERE "position" IS NULL ORDER BY "seq";

-- DropTable
DROP TABLE "events"."events";
