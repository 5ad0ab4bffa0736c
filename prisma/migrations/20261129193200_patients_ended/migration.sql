-- AlterTable
ALTER TABLE "users"."patient_enlistments" ADD COLUMN     "ended_at" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "patient_enlistments_ended_at_expires_at_idx" ON "users"."patient_enlistments"("ended_at", "expires_at");

-- By hand: what expired before this migration is not told of now.
UPDATE "users"."patient_enlistments" SET "ended_at" = "expires_at" WHERE "expires_at" <= now();
