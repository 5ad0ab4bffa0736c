// What TypeScript is told of imports that the bundler understands.
declare module '*.css';

declare module 'react-dom/client' {
  import type { ReactNode } from 'react';

  export function createRoot(container: Element): { render(children: ReactNode): void };
}
