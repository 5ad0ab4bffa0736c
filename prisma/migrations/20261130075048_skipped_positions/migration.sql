-- AlterTable
ALTER TABLE "events"."log_segments" ADD COLUMN     "skipped" BIGINT NOT NULL DEFAULT 0;
