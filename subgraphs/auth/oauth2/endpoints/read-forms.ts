// Lets routes take forms, besides the JSON that every route takes.
import formbody from '@fastify/formbody';
import type { FastifyInstance } from 'fastify';

/** The body is the form as URLSearchParams, so that a parameter that is given twice is seen to be. */
export async function readForms(routes: FastifyInstance): Promise<void> {
  // The plug-in thinks of plain objects only, but hands on what the parser makes.
  const parser = (text: string) => new URLSearchParams(text) as unknown as Record<string, unknown>;
  await routes.register(formbody, { parser });
}
