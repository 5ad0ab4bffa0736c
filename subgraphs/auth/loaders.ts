// One request's reading: what many fields ask for one by one is read together, and only what the viewer may see.
import type DataLoader from 'dataloader';
import type { Identity } from '../../platform/identity/identity.ts';
import { applicationsLoader, applicationVersionsLoader } from './applications/loaders.ts';
import type { AuthDatabase } from './auth-parts.ts';
import type { ApplicationModel, ApplicationVersionModel, OidcProviderModel } from './models.ts';
import { providersLoader } from './oidc/providers-loader.ts';

export interface AuthLoaders {
  /** By id; null for one that is missing, invisible or no id at all. */
  readonly applications: DataLoader<string, ApplicationModel | null>;
  /** By the id of the application, oldest first. */
  readonly applicationVersions: DataLoader<string, ApplicationVersionModel[]>;
  /** By id; null for one that is missing, invisible or no id at all. */
  readonly oidcProviders: DataLoader<string, OidcProviderModel | null>;
}

export function authLoaders(database: AuthDatabase, identity: Identity): AuthLoaders {
  return {
    applications: applicationsLoader(database, identity),
    applicationVersions: applicationVersionsLoader(database),
    oidcProviders: providersLoader(database, identity),
  };
}
