-- Sessions get tokens of their own tables: those of before cannot be carried over, so everybody signs in once more.
DELETE FROM "auth"."sessions";

-- DropIndex
DROP INDEX "auth"."sessions_access_token_hash_key";

-- DropIndex
DROP INDEX "auth"."sessions_user_id_idx";

-- AlterTable
ALTER TABLE "auth"."refresh_tokens" DROP CONSTRAINT "refresh_tokens_pkey",
ADD COLUMN     "id" UUID NOT NULL,
ADD COLUMN     "version_id" UUID,
ADD CONSTRAINT "refresh_tokens_pkey" PRIMARY KEY ("id");

-- AlterTable
ALTER TABLE "auth"."sessions" DROP COLUMN "access_token_expires_at",
DROP COLUMN "access_token_hash",
ADD COLUMN     "application_id" UUID,
ADD COLUMN     "credential_version" INTEGER NOT NULL,
ADD COLUMN     "kind" TEXT NOT NULL,
ADD COLUMN     "last_used_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "users"."users" ADD COLUMN     "activation" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "credential_version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "failed_count" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "last_failed_at" TIMESTAMPTZ(3),
ADD COLUMN     "profile_image" TEXT,
ADD COLUMN     "time_zone" TEXT,
ALTER COLUMN "password_hash" DROP NOT NULL;

-- CreateTable
CREATE TABLE "auth"."applications" (
    "id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "logo" TEXT,
    "redirect_uris" TEXT[],
    "confidential" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "applications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."application_versions" (
    "id" UUID NOT NULL,
    "application_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "secret_hash" TEXT,
    "sealed_secret" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "application_versions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."access_tokens" (
    "id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "refresh_token_id" UUID,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "access_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."oauth2_authorizations" (
    "id" UUID NOT NULL,
    "application_id" UUID NOT NULL,
    "version_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "credential_version" INTEGER NOT NULL,
    "origin_session_id" UUID,
    "code_hash" TEXT NOT NULL,
    "redirect_uri" TEXT NOT NULL,
    "redirect_uri_given" BOOLEAN NOT NULL,
    "state" TEXT,
    "code_challenge" TEXT,
    "code_challenge_method" TEXT,
    "session_id" UUID,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "oauth2_authorizations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."oauth1_tokens" (
    "id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "token" TEXT NOT NULL,
    "sealed_secret" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "oauth1_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."oauth1_nonces" (
    "nonce_hash" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "oauth1_nonces_pkey" PRIMARY KEY ("nonce_hash")
);

-- CreateTable
CREATE TABLE "auth"."sso_tokens" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "credential_version" INTEGER NOT NULL,
    "origin_session_id" UUID,
    "application_id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sso_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."presence_tokens" (
    "token_hash" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "credential_version" INTEGER NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "presence_tokens_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "auth"."mfa_settings" (
    "user_id" UUID NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT false,
    "failed_attempts" INTEGER NOT NULL DEFAULT 0,
    "last_failed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "mfa_settings_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "auth"."mfa_methods" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "name" TEXT,
    "tags" TEXT[],
    "verified" BOOLEAN NOT NULL DEFAULT false,
    "sealed_secret" TEXT,
    "last_step" BIGINT,
    "code_hashes" TEXT[],
    "challenge" TEXT,
    "credential_id" TEXT,
    "public_key" BYTEA,
    "counter" BIGINT,
    "transports" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "mfa_methods_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."mfa_challenges" (
    "token_hash" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "credential_version" INTEGER NOT NULL,
    "application_id" UUID,
    "passkey_challenge" TEXT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "mfa_challenges_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "auth"."oidc_providers" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "sealed_secret" TEXT NOT NULL,
    "client_secret_hint" TEXT NOT NULL,
    "issuer_id" TEXT NOT NULL,
    "authorization_endpoint" TEXT NOT NULL,
    "token_endpoint" TEXT NOT NULL,
    "userinfo_endpoint" TEXT NOT NULL,
    "redirect_uri" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "oidc_providers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth"."oidc_requests" (
    "state_hash" TEXT NOT NULL,
    "provider_id" UUID NOT NULL,
    "nonce" TEXT NOT NULL,
    "code_verifier" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "oidc_requests_pkey" PRIMARY KEY ("state_hash")
);

-- CreateTable
CREATE TABLE "auth"."oidc_login_attempts" (
    "id" UUID NOT NULL,
    "status" TEXT NOT NULL,
    "provider_id" UUID NOT NULL,
    "provider_name" TEXT NOT NULL,
    "provider_subject_id" TEXT,
    "user_id" UUID,
    "error_code" TEXT,
    "error_message" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "oidc_login_attempts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users"."unknown_addresses" (
    "address_hash" TEXT NOT NULL,
    "failed_count" INTEGER NOT NULL,
    "last_failed_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "unknown_addresses_pkey" PRIMARY KEY ("address_hash")
);

-- CreateTable
CREATE TABLE "users"."oidc_links" (
    "user_id" UUID NOT NULL,
    "provider_id" UUID NOT NULL,
    "subject_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "oidc_links_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "users"."verification_requests" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "purpose" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "secret_hash" TEXT,
    "request_count" INTEGER NOT NULL,
    "last_request_at" TIMESTAMPTZ(3) NOT NULL,
    "failed_attempts" INTEGER NOT NULL DEFAULT 0,
    "last_failed_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "verification_requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users"."settings" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "settings" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users"."outbox_mails" (
    "id" UUID NOT NULL,
    "to" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "html" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "outbox_mails_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "events"."consumers" (
    "service" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "consumers_pkey" PRIMARY KEY ("service")
);

-- CreateIndex
CREATE INDEX "applications_name_id_idx" ON "auth"."applications"("name", "id");

-- CreateIndex
CREATE UNIQUE INDEX "application_versions_key_key" ON "auth"."application_versions"("key");

-- CreateIndex
CREATE UNIQUE INDEX "application_versions_application_id_name_key" ON "auth"."application_versions"("application_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "access_tokens_token_hash_key" ON "auth"."access_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "access_tokens_session_id_idx" ON "auth"."access_tokens"("session_id");

-- CreateIndex
CREATE INDEX "access_tokens_refresh_token_id_idx" ON "auth"."access_tokens"("refresh_token_id");

-- CreateIndex
CREATE INDEX "access_tokens_expires_at_idx" ON "auth"."access_tokens"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "oauth2_authorizations_code_hash_key" ON "auth"."oauth2_authorizations"("code_hash");

-- CreateIndex
CREATE INDEX "oauth2_authorizations_user_id_id_idx" ON "auth"."oauth2_authorizations"("user_id", "id");

-- CreateIndex
CREATE INDEX "oauth2_authorizations_expires_at_idx" ON "auth"."oauth2_authorizations"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "oauth1_tokens_session_id_key" ON "auth"."oauth1_tokens"("session_id");

-- CreateIndex
CREATE UNIQUE INDEX "oauth1_tokens_token_key" ON "auth"."oauth1_tokens"("token");

-- CreateIndex
CREATE INDEX "oauth1_nonces_expires_at_idx" ON "auth"."oauth1_nonces"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "sso_tokens_token_hash_key" ON "auth"."sso_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "oauth2_authorizations_origin_session_id_idx" ON "auth"."oauth2_authorizations"("origin_session_id");

-- CreateIndex
CREATE INDEX "sso_tokens_origin_session_id_idx" ON "auth"."sso_tokens"("origin_session_id");

-- CreateIndex
CREATE INDEX "sso_tokens_user_id_id_idx" ON "auth"."sso_tokens"("user_id", "id");

-- CreateIndex
CREATE INDEX "sso_tokens_expires_at_idx" ON "auth"."sso_tokens"("expires_at");

-- CreateIndex
CREATE INDEX "presence_tokens_user_id_idx" ON "auth"."presence_tokens"("user_id");

-- CreateIndex
CREATE INDEX "presence_tokens_expires_at_idx" ON "auth"."presence_tokens"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "mfa_methods_credential_id_key" ON "auth"."mfa_methods"("credential_id");

-- CreateIndex
CREATE INDEX "mfa_methods_user_id_id_idx" ON "auth"."mfa_methods"("user_id", "id");

-- CreateIndex
CREATE INDEX "mfa_challenges_user_id_idx" ON "auth"."mfa_challenges"("user_id");

-- CreateIndex
CREATE INDEX "mfa_challenges_expires_at_idx" ON "auth"."mfa_challenges"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "oidc_providers_name_key" ON "auth"."oidc_providers"("name");

-- CreateIndex
CREATE INDEX "oidc_requests_expires_at_idx" ON "auth"."oidc_requests"("expires_at");

-- CreateIndex
CREATE INDEX "oidc_login_attempts_provider_id_id_idx" ON "auth"."oidc_login_attempts"("provider_id", "id");

-- CreateIndex
CREATE INDEX "oidc_login_attempts_user_id_id_idx" ON "auth"."oidc_login_attempts"("user_id", "id");

-- CreateIndex
CREATE INDEX "oidc_login_attempts_created_at_idx" ON "auth"."oidc_login_attempts"("created_at");

-- CreateIndex
CREATE INDEX "unknown_addresses_last_failed_at_idx" ON "users"."unknown_addresses"("last_failed_at");

-- CreateIndex
CREATE UNIQUE INDEX "oidc_links_provider_id_subject_id_key" ON "users"."oidc_links"("provider_id", "subject_id");

-- CreateIndex
CREATE INDEX "verification_requests_secret_hash_idx" ON "users"."verification_requests"("secret_hash");

-- CreateIndex
CREATE UNIQUE INDEX "verification_requests_user_id_purpose_key" ON "users"."verification_requests"("user_id", "purpose");

-- CreateIndex
CREATE INDEX "outbox_mails_to_id_idx" ON "users"."outbox_mails"("to", "id");

-- CreateIndex
CREATE UNIQUE INDEX "refresh_tokens_token_hash_key" ON "auth"."refresh_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "refresh_tokens_expires_at_idx" ON "auth"."refresh_tokens"("expires_at");

-- CreateIndex
CREATE INDEX "sessions_user_id_id_idx" ON "auth"."sessions"("user_id", "id");

-- CreateIndex
CREATE INDEX "sessions_application_id_id_idx" ON "auth"."sessions"("application_id", "id");

-- CreateIndex
CREATE INDEX "sessions_ended_at_idx" ON "auth"."sessions"("ended_at");

-- AddForeignKey
ALTER TABLE "auth"."application_versions" ADD CONSTRAINT "application_versions_application_id_fkey" FOREIGN KEY ("application_id") REFERENCES "auth"."applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth"."sessions" ADD CONSTRAINT "sessions_application_id_fkey" FOREIGN KEY ("application_id") REFERENCES "auth"."applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth"."access_tokens" ADD CONSTRAINT "access_tokens_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "auth"."sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth"."access_tokens" ADD CONSTRAINT "access_tokens_refresh_token_id_fkey" FOREIGN KEY ("refresh_token_id") REFERENCES "auth"."refresh_tokens"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth"."oauth2_authorizations" ADD CONSTRAINT "oauth2_authorizations_application_id_fkey" FOREIGN KEY ("application_id") REFERENCES "auth"."applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth"."oauth1_tokens" ADD CONSTRAINT "oauth1_tokens_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "auth"."sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth"."sso_tokens" ADD CONSTRAINT "sso_tokens_application_id_fkey" FOREIGN KEY ("application_id") REFERENCES "auth"."applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth"."mfa_methods" ADD CONSTRAINT "mfa_methods_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth"."mfa_settings"("user_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth"."mfa_challenges" ADD CONSTRAINT "mfa_challenges_application_id_fkey" FOREIGN KEY ("application_id") REFERENCES "auth"."applications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth"."oidc_requests" ADD CONSTRAINT "oidc_requests_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "auth"."oidc_providers"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "users"."oidc_links" ADD CONSTRAINT "oidc_links_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"."users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "users"."verification_requests" ADD CONSTRAINT "verification_requests_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"."users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Accounts that are there were made by hand, by somebody who knew the address.
UPDATE "users"."users" SET "activation" = true;
