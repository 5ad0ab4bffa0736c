-- CreateTable
CREATE TABLE "events"."access_log" (
    "sequence" BIGINT NOT NULL,
    "id" UUID NOT NULL,
    "timestamp" TIMESTAMPTZ(3) NOT NULL,
    "http_status" INTEGER NOT NULL,
    "duration" INTEGER NOT NULL,
    "user_id" UUID,
    "application_id" UUID,
    "user_address" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "request" TEXT NOT NULL,
    "response_body_size" BIGINT,
    "user_agent" TEXT NOT NULL,
    "operation_name" TEXT,
    "root_fields" TEXT[],
    "error_codes" TEXT[],
    "request_id" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "access_log_pkey" PRIMARY KEY ("sequence")
);

-- CreateTable
CREATE TABLE "events"."access_log_ends" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "first_sequence" BIGINT NOT NULL DEFAULT 0,
    "first_hash" BYTEA NOT NULL,
    "last_sequence" BIGINT NOT NULL DEFAULT 0,
    "last_hash" BYTEA NOT NULL,
    "seal" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "access_log_ends_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "access_log_id_key" ON "events"."access_log"("id");

-- CreateIndex
CREATE INDEX "access_log_user_id_id_idx" ON "events"."access_log"("user_id", "id");

-- CreateIndex
CREATE INDEX "access_log_timestamp_idx" ON "events"."access_log"("timestamp");

-- Entries are never changed, not even by mistake; they only go by age.
CREATE FUNCTION "events"."refuse_change" () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Entries of the access log are not changed';
END $$;
CREATE TRIGGER "entries_stay" BEFORE UPDATE ON "events"."access_log"
FOR EACH ROW EXECUTE FUNCTION "events"."refuse_change" ();
