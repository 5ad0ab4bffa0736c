-- CreateTable
CREATE TABLE "data"."schemas_with_many_groups" (
    "schema_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "schemas_with_many_groups_pkey" PRIMARY KEY ("schema_id")
);

-- AddForeignKey
ALTER TABLE "data"."schemas_with_many_groups" ADD CONSTRAINT "schemas_with_many_groups_schema_id_fkey" FOREIGN KEY ("schema_id") REFERENCES "data"."document_schemas"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Written where the document is, so that no way of writing documents can forget it; once for a schema.
CREATE FUNCTION "data"."note_many_groups"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "data"."schemas_with_many_groups" ("schema_id") VALUES (NEW."schema_id") ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE TRIGGER "documents_with_many_groups" AFTER INSERT OR UPDATE OF "group_ids", "schema_id" ON "data"."documents"
FOR EACH ROW WHEN (cardinality(NEW."group_ids") > 2) EXECUTE FUNCTION "data"."note_many_groups"();

INSERT INTO "data"."schemas_with_many_groups" ("schema_id")
SELECT DISTINCT "schema_id" FROM "data"."documents" WHERE cardinality("group_ids") > 2;
