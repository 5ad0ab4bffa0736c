// GraphiQL's page: puts GraphiQL together and gives it its workers. How it talks to the gateway stands in fetcher.ts.
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { createRoot } from 'react-dom/client';
import { defaultQuery } from './default-query.ts';
import { createFetcher } from './fetcher.ts';
import './page.css';

/** Where the bundle's workers lie; put in by scripts/bundle-graphiql.mjs. */
declare const WORKER_URLS: Readonly<Record<'editor' | 'json' | 'graphql', string>>;

Object.assign(globalThis, {
  MonacoEnvironment: {
    getWorker(_moduleId: string, label: string): Worker {
      return new Worker(label === 'json' || label === 'graphql' ? WORKER_URLS[label] : WORKER_URLS.editor);
    },
  },
});

const root = document.getElementById('graphiql');
if (root === null) throw new Error('The page has no element #graphiql');

createRoot(root).render(
  <GraphiQL
    fetcher={createFetcher('/graphql')}
    defaultQuery={defaultQuery}
    defaultEditorToolsVisibility="headers"
    isHeadersEditorEnabled
  >
    <GraphiQL.Logo>Caregraph</GraphiQL.Logo>
  </GraphiQL>,
);
