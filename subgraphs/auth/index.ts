// auth: sessions and their tokens. It proves who is calling; who may do what is the business of `users`.
import { defineSubgraph } from '../../platform/subgraph/define-subgraph.ts';
import { authPermissions } from './permissions.ts';
import { authResolvers } from './resolvers.ts';

const authenticateQuery =
  'query Authenticate($email: String!, $password: String!) { authenticate(email: $email, password: $password) }';

export const auth = defineSubgraph<undefined>({
  name: 'auth',
  permissions: authPermissions,
  build({ config, database, services }) {
    return {
      resolvers: authResolvers({
        database: database.forService('auth'),
        lifetimes: { access: config.accessTokenSeconds, refresh: config.refreshTokenSeconds },
        checkPassword: async (email, password) => {
          const variables = { email, password };
          const answer = await services.call<{ authenticate: string | null }>('users', {
            query: authenticateQuery,
            variables,
          });
          return answer.authenticate;
        },
      }),
      loaders: () => undefined,
    };
  },
});
