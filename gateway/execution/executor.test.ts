import { composeServices } from '@apollo/composition';
import type { GraphQLDataSource } from '@apollo/gateway';
import { describe, expect, test } from '@jest/globals';
import { GraphQLError, getIntrospectionQuery, graphql, parse } from 'graphql';
import { AppError } from '../../platform/errors.ts';
import type { Answer, Circumstances, Executor, ExecutorOptions } from './executor.ts';
import { createExecutor } from './executor.ts';
import { planHere } from './plan-here.ts';
import type { CreatePlanner, OperationPlanner } from './planner.ts';
import { stringifyResult } from './prepared-data.ts';

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])\n';
const contracts = {
  shelves: `type Query { shelf: Shelf shelves: [Shelf!]! pair: [Book!] }
    type Mutation { put(title: String): Book take: Book }
    type Subscription { shelved: Shelf }
    type Shelf { id: ID books: [Book!] best: Book }
    type Book @key(fields: "id") { id: ID! }`,
  books: `type Query { titles: [String!] }
    type Mutation { print: Book }
    type Book @key(fields: "id") { id: ID! title: String! author: Author }
    type Author @key(fields: "id") { id: ID! }`,
  people: `type Query { lead: Author }
    type Author @key(fields: "id") { id: ID! name: String favourite: Book }
    type Book @key(fields: "id") { id: ID! }`,
};

interface Asked {
  readonly service: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

type Respond = (asked: Asked) => unknown;

const { supergraphSdl } = composeServices(
  Object.entries(contracts).map(([name, sdl]) => ({ name, url: `test://${name}`, typeDefs: parse(link + sdl) })),
);

/** Services that answer what a test says, and what they were asked. */
function shop(respond: Respond, options: Partial<ExecutorOptions> = {}) {
  const asked: Asked[] = [];
  const source = (service: string) =>
    ({
      process: async ({ request }) => {
        const one = { service, query: request.query ?? '', variables: request.variables ?? {} };
        asked.push(one);
        return structuredClone(await respond(one));
      },
    }) as GraphQLDataSource;
  const dataSources = Object.fromEntries(Object.keys(contracts).map((name) => [name, source(name)]));
  const executor = createExecutor({ supergraphSdl: supergraphSdl ?? '', dataSources, planner: planHere, ...options });
  return { executor, asked };
}

function run(executor: Executor, source: string, others: Partial<Circumstances> = {}): Promise<Answer> {
  return executor.execute({ source, document: parse(source) }, { context: {}, ...others });
}

/** A planner that is waited for. */
function later(onPlan: (source: string) => void = () => undefined): CreatePlanner {
  return (sdl, budget) => {
    const planner = planHere(sdl, budget);
    const plan: OperationPlanner['plan'] = async (request) => {
      onPlan(request.source);
      await new Promise(setImmediate);
      return planner.plan(request);
    };
    return { ...planner, plan };
  };
}

const dataOf = ({ data }: Answer) => data?.toJSON();
const firstError = (errors: Answer['errors']) => errors?.[0] as AppError;
const representationsOf = ({ variables }: Asked) => variables.representations as { id: string }[];
const book = (id: string) => ({ __typename: 'Book', id });
const titles: Respond = (asked) => ({
  data: {
    _entities: representationsOf(asked).map(({ id }) => ({
      title: `Title ${id}`,
      author: { __typename: 'Author', id: `of ${id}` },
    })),
  },
});

describe('what is asked of services', () => {
  test('representations that are equal are sent once, and everybody gets the answer', async () => {
    const { executor, asked } = shop((one) =>
      one.service === 'shelves' ? { data: { shelf: { books: ['a', 'b', 'a', 'a'].map(book) } } } : titles(one),
    );
    const answer = await run(executor, '{ shelf { books { title } } }');
    expect(dataOf(answer)).toEqual({
      shelf: { books: ['a', 'b', 'a', 'a'].map((id) => ({ title: `Title ${id}` })) },
    });
    expect(asked.map(({ service }) => service)).toEqual(['shelves', 'books']);
    expect(representationsOf(asked[1] as Asked)).toEqual([book('a'), book('b')]);
  });

  test('an error about an entity that was sent once is reported at each of its places', async () => {
    const { executor } = shop((one) =>
      one.service === 'shelves'
        ? { data: { shelf: { books: ['a', 'b', 'b'].map(book) } } }
        : {
            data: { _entities: [{ title: 'A' }, null] },
            errors: [{ message: 'worn out', path: ['_entities', 1, 'title'] }],
          },
    );
    const { errors = [] } = await run(executor, '{ shelf { books { title } } }');
    expect((errors as GraphQLError[]).map(({ path }) => path)).toEqual([
      ['shelf', 'books', 1, 'title'],
      ['shelf', 'books', 2, 'title'],
    ]);
  });

  test('fetches that say the same at the same depth are one request, and do not share their answers', async () => {
    const { executor, asked } = shop((one) =>
      one.service === 'shelves' ? { data: { shelf: { books: [book('a'), book('b')], best: book('b') } } } : titles(one),
    );
    const answer = await run(executor, '{ shelf { books { title author { id } } best { title author { id } } } }');
    expect(dataOf(answer)).toEqual({
      shelf: {
        books: ['a', 'b'].map((id) => ({ title: `Title ${id}`, author: { id: `of ${id}` } })),
        best: { title: 'Title b', author: { id: 'of b' } },
      },
    });
    expect(asked.map(({ service }) => service)).toEqual(['shelves', 'books']);
    expect(representationsOf(asked[1] as Asked)).toEqual([book('a'), book('b')]);
  });

  describe('of branches that ask the same at the same depth', () => {
    const source = '{ shelf { best { title } } lead { favourite { title } } }';
    const branches: Respond = (one) => {
      if (one.service === 'shelves') return { data: { shelf: { best: book('a') } } };
      if (one.service === 'people') return { data: { lead: { favourite: book('b') } } };
      return titles(one);
    };
    const expected = { shelf: { best: { title: 'Title a' } }, lead: { favourite: { title: 'Title b' } } };

    test('those of about the same speed meet', async () => {
      const { executor, asked } = shop(branches);
      expect(dataOf(await run(executor, source))).toEqual(expected);
      expect(asked.map(({ service }) => service).toSorted()).toEqual(['books', 'people', 'shelves']);
    });

    test('what makes a service refuse the answer to one is not held against the other', async () => {
      const { executor, asked } = shop((one) => {
        const isRefused = one.service === 'books' && representationsOf(one).some(({ id }) => id === 'a');
        return isRefused ? { data: null, errors: [{ message: 'no a', path: ['_entities'] }] } : branches(one);
      });
      const answer = await run(executor, source);
      expect(dataOf(answer)).toEqual({ shelf: { best: null }, lead: { favourite: { title: 'Title b' } } });
      expect((answer.errors as GraphQLError[]).map(({ path }) => path)).toEqual([['shelf', 'best', '_entities']]);
      expect(asked.filter(({ service }) => service === 'books')).toHaveLength(3);
    });

    test('a fast one does not wait for a slow one', async () => {
      const order: string[] = [];
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const { executor } = shop(async (one) => {
        order.push(one.service);
        // The slow branch goes on only after the fast one has got its books.
        if (one.service === 'people') await held;
        if (one.service === 'books') release();
        return branches(one);
      });
      expect(dataOf(await run(executor, source))).toEqual(expected);
      expect(order.slice(2)).toEqual(['books', 'books']);
    });
  });

  test('variables are handed on to the fetches that use them only', async () => {
    const { executor, asked } = shop((one) => (one.service === 'shelves' ? { data: { put: book('a') } } : titles(one)));
    const variables = { title: 'x', no: false };
    await run(executor, 'mutation ($title: String, $no: Boolean!) { put(title: $title) { title @skip(if: $no) } }', {
      variables,
    });
    expect({ ...asked[0]?.variables }).toEqual({ title: 'x' });
    expect(Object.keys(asked[1]?.variables ?? {})).toEqual(['representations']);
  });

  test('mutations keep their order, whichever services they go to', async () => {
    const order: string[] = [];
    const { executor } = shop(async ({ query, ...one }) => {
      const name = /\{(\w+)/.exec(query.replace(/^\w+\([^)]*\)/, ''))?.[1] ?? '';
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, name === 'print' ? 1 : 20));
      order.push(`${name} ends`);
      return query.includes('_entities') ? titles({ query, ...one }) : { data: { [name]: book(name) } };
    });
    const answer = await run(executor, 'mutation { take { id } print { id } put(title: "x") { id } }');
    expect(dataOf(answer)).toEqual({ take: { id: 'take' }, print: { id: 'print' }, put: { id: 'put' } });
    expect(order).toEqual(['take', 'print', 'put'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  test('when the client has gone away, no further fetch begins', async () => {
    const gone = new AbortController();
    const { executor, asked } = shop(() => {
      gone.abort();
      return { data: { shelf: { books: [book('a')] } } };
    });
    const { errors } = await run(executor, '{ shelf { books { title } } }', { signal: gone.signal });
    expect(asked.map(({ service }) => service)).toEqual(['shelves']);
    expect(firstError(errors).code).toBe('SERVICE_UNAVAILABLE');
  });

  test('what a data source throws stands in the errors as it is', async () => {
    const thrown = new Error('away');
    const { executor } = shop(() => {
      throw thrown;
    });
    const { errors, data } = await run(executor, '{ shelf { id } }');
    expect(errors).toEqual([thrown]);
    expect(data?.text).toBe('{"shelf":null}');
  });
});

describe('what is answered', () => {
  test('keys that objects inherit are keys like others, in aliases and in what services answer', async () => {
    const evil = JSON.parse(
      '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}, "id": "1"}',
    );
    const { executor } = shop(() => ({ data: { ...{ shelf: evil }, __proto__: undefined } }));
    const answer = await run(executor, '{ shelf { __proto__: id constructor: id toString: id id } }');
    // The service was asked for strings and answers objects.
    expect(answer.data?.text).toBe('{"shelf":{"__proto__":null,"constructor":null,"toString":null,"id":"1"}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('representations and merges are safe from such keys', async () => {
    const { executor } = shop((one) =>
      one.service === 'shelves'
        ? { data: JSON.parse('{"__proto__":{"best":{"__typename":"Book","id":"a"}}}') }
        : { data: { _entities: [JSON.parse('{"constructor":"T","__proto__":{"__typename":"Author","id":"of a"}}')] } },
    );
    const answer = await run(executor, '{ __proto__: shelf { best { constructor: title __proto__: author { id } } } }');
    expect(answer.data?.text).toBe('{"__proto__":{"best":{"constructor":"T","__proto__":{"id":"of a"}}}}');
  });

  test('a null where none may be takes its parent along, and is a fault where no error tells of it', async () => {
    const { executor } = shop((one) =>
      one.service === 'shelves'
        ? { data: { shelf: { books: [book('a')] }, pair: null } }
        : { data: { _entities: [null] } },
    );
    const answer = await run(executor, '{ shelf { id books { id title } } pair { id } }');
    expect(answer.data?.text).toBe('{"shelf":{"id":null,"books":null},"pair":null}');
    expect(answer.errors).toBeUndefined();
    expect(answer.faults).toEqual([
      { message: 'Cannot return null for non-nullable field Book.title.', path: ['shelf', 'books', 0, 'title'] },
    ]);
  });

  test('a value of another form than the API says is null and a fault', async () => {
    const { executor } = shop(() => ({ data: { shelf: 'text', pair: { no: 'list' } } }));
    const { data, faults } = await run(executor, '{ shelf { id } pair { id } }');
    expect(data?.text).toBe('{"shelf":null,"pair":null}');
    expect(faults).toHaveLength(2);
  });

  test('introspection is answered as by the schema, also beside other fields and in fragments', async () => {
    const { executor } = shop(() => ({ data: { shelf: { id: '1' } } }));
    const whole = await graphql({ schema: executor.schema, source: getIntrospectionQuery() });
    expect((await run(executor, getIntrospectionQuery())).data?.text).toBe(JSON.stringify(whole.data));
    const source = `query ($name: String!) { ...Part shelf { id } }
      fragment Part on Query { it: __type(name: $name) { kind ...Name } it: __type(name: $name) { name } }
      fragment Name on __Type { fields { name } }`;
    const answer = await run(executor, source, { variables: { name: 'Author' } });
    expect(answer.data?.text).toBe(
      '{"it":{"kind":"OBJECT","fields":[{"name":"id"},{"name":"name"},{"name":"favourite"}],"name":"Author"},"shelf":{"id":"1"}}',
    );
  });

  test('conditions decide anew at each execution', async () => {
    const { executor } = shop(() => ({ data: { shelf: { id: '1' } } }));
    const source = 'query ($yes: Boolean! = true) { shelf { id @include(if: $yes) __typename @skip(if: $yes) } }';
    expect((await run(executor, source)).data?.text).toBe('{"shelf":{"id":"1"}}');
    const no = await run(executor, source, { variables: { yes: false } });
    expect(no.data?.text).toBe('{"shelf":{"__typename":"Shelf"}}');
  });

  test('the text of `data` is the same whoever makes JSON of it', async () => {
    const { executor } = shop(() => ({
      data: { titles: ['plain', 'a "b" \\ \n \u2028 \ud800 é 😀', 'x'.repeat(100)] },
    }));
    const { data } = await run(executor, '{ titles }');
    expect(stringifyResult({ data, errors: undefined })).toBe(JSON.stringify({ data }));
    expect(JSON.parse(data?.text ?? '')).toEqual(data?.toJSON());
  });
});

describe('events of a subscription', () => {
  const source = 'subscription { shelved { best { title } } }';
  const subscription = { source, document: parse(source) };
  const events = ['a', 'b', 'a'].map((id) => ({ data: { shelved: { best: book(id) } } }));

  test('are completed together: what several need is asked for once', async () => {
    const { executor, asked } = shop(titles);
    const compiled = await executor.compile(subscription);
    const answers = await executor.completeEvents(compiled, structuredClone(events), { context: {} });
    expect(answers.map(dataOf)).toEqual(['a', 'b', 'a'].map((id) => ({ shelved: { best: { title: `Title ${id}` } } })));
    expect(asked.map(({ service }) => service)).toEqual(['books']);
    expect(representationsOf(asked[0] as Asked)).toEqual([book('a'), book('b')]);
  });

  test('have their own errors, and those that concern all', async () => {
    const { executor } = shop(() => ({
      data: { _entities: [null, { title: 'B' }] },
      errors: [{ message: 'worn out', path: ['_entities', 0, 'title'] }, { message: 'slow' }],
    }));
    const compiled = await executor.compile(subscription);
    const own = { data: null, errors: [new GraphQLError('no shelf', { path: ['shelved'] })] };
    const answers = await executor.completeEvents(compiled, structuredClone([...events, own]), { context: {} });
    expect(answers.map(({ errors }) => (errors as GraphQLError[]).map(({ message }) => message))).toEqual([
      ['worn out', 'slow'],
      ['slow'],
      ['worn out', 'slow'],
      ['no shelf'],
    ]);
  });
});

describe('what is refused', () => {
  test('a variable that does not fit', async () => {
    const { executor, asked } = shop(() => ({}));
    const answer = await run(executor, 'query ($yes: Boolean!) { shelf { id @include(if: $yes) } }');
    expect(answer.data).toBeUndefined();
    expect(firstError(answer.errors).message).toContain('$yes');
    expect(asked).toEqual([]);
  });

  test('an operation that stands for more selections than the budget has', async () => {
    const { executor } = shop(() => ({}), { budget: { selections: 1_000 } });
    const levels = Array.from({ length: 12 }, (_, n) => `fragment F${n} on Shelf { ...F${n + 1} ...F${n + 1} }`);
    const { errors } = await run(executor, `{ shelf { ...F0 } } ${levels.join(' ')} fragment F12 on Shelf { id }`);
    expect(firstError(errors).code).toBe('OPERATION_TOO_LARGE');
  });

  test('an operation that takes too long to plan, without trying again; others are planned as before', async () => {
    const { executor } = shop(() => ({ data: { shelf: { id: '1' } } }), { budget: { milliseconds: 30 } });
    const fields = Array.from(
      { length: 2_500 },
      (_, n) => `s${n}: shelf { books { title author { name } } best { author { name } } }`,
    );
    const tooMuch = `{ ${fields.slice(0, 1_200).join(' ')} }`;
    const first = await run(executor, tooMuch);
    expect(firstError(first.errors).code).toBe('OPERATION_TOO_LARGE');
    const again = await run(executor, tooMuch);
    expect(again.errors?.[0]).toBe(first.errors?.[0]);
  });

  test('an operation whose name is not in the document', async () => {
    const { executor } = shop(() => ({}));
    const operation = { source: 'query A { shelf { id } }', document: parse('query A { shelf { id } }') };
    const { errors } = await executor.execute({ ...operation, operationName: 'B' }, { context: {} });
    expect(firstError(errors).message).toContain('"B"');
  });
});

describe("a mutation that Apollo's planner would leave out", () => {
  test('is carried out: its conditions are decided before it is planned', async () => {
    const { executor, asked } = shop(() => ({ data: { take: { __typename: 'Book', id: 'a' } } }));
    const source = 'mutation ($quiet: Boolean!) { take @skip(if: $quiet) { id @include(if: $quiet) } }';
    const loud = await run(executor, source, { variables: { quiet: false } });
    expect(loud.data?.text).toBe('{"take":{}}');
    expect(asked).toHaveLength(1);
    const quiet = await run(executor, source, { variables: { quiet: true } });
    expect(quiet.data?.text).toBe('{}');
    expect(asked).toHaveLength(1);
  });
});

describe('what is kept', () => {
  test('the most used operations are ready on another executor, as far as they are valid there', async () => {
    const { executor } = shop(() => ({ data: { titles: [] } }), { cache: { entries: 3 } });
    for (const source of ['{ titles }', '{ a: titles }', '{ b: titles }', '{ titles }', '{ c: titles }'])
      await run(executor, source);
    expect(executor.mostUsed(10).map(({ source }) => source)).toEqual(['{ titles }', '{ b: titles }', '{ c: titles }']);
    const next = shop(() => ({}));
    await next.executor.warmUp(executor, 2);
    expect(next.executor.mostUsed(10)).toHaveLength(2);
  });

  test('an operation that is known is there at once', async () => {
    const { executor } = shop(() => ({}), { planner: later() });
    const operation = { source: '{ titles }', document: parse('{ titles }') };
    const compiling = executor.compile(operation);
    expect(compiling).toBeInstanceOf(Promise);
    expect(executor.compile(operation)).toBe(compiling);
    expect(executor.compile(operation)).not.toBe(executor.compile({ ...operation, source: '{  titles }' }));
    const compiled = await compiling;
    expect(executor.compile(operation)).toBe(compiled);
  });

  test('an operation that many ask for at once is planned once, also for each of its variants', async () => {
    const planned: string[] = [];
    const { executor } = shop(() => ({ data: { take: { __typename: 'Book', id: 'a' } } }), {
      planner: later((source) => planned.push(source)),
    });
    const source = 'mutation ($quiet: Boolean!) { take @skip(if: $quiet) { id @include(if: $quiet) } }';
    const answers = await Promise.all(
      [false, false, true, true].map((quiet) => run(executor, source, { variables: { quiet } })),
    );
    expect(answers.map(({ data }) => data?.text)).toEqual(['{"take":{}}', '{"take":{}}', '{}', '{}']);
    expect(planned).toHaveLength(3);
  });

  test('not the refusal of an operation that came when too many others waited', async () => {
    let isFull = true;
    const { executor } = shop(() => ({ data: { titles: [] } }), {
      planner: later(() => {
        if (isFull) throw new AppError('SERVICE_UNAVAILABLE');
      }),
    });
    expect(firstError((await run(executor, '{ titles }')).errors).code).toBe('SERVICE_UNAVAILABLE');
    isFull = false;
    expect(dataOf(await run(executor, '{ titles }'))).toEqual({ titles: [] });
  });
});
