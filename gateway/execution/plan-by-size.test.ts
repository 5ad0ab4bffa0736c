// Small operations are planned at once, larger ones apart, and both alike.
import { composeServices } from '@apollo/composition';
import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { shop } from '../../tests/support/made-up-supergraphs.ts';
import { planBySize } from './plan-by-size.ts';
import { defaultBudget } from './planner.ts';

test('small operations are planned at once, larger ones in a thread', async () => {
  const services = shop.map(({ name, sdl }) => ({ name, url: `test://${name}`, typeDefs: parse(sdl) }));
  const planner = planBySize(composeServices(services).supergraphSdl ?? '', defaultBudget);
  const request = { source: '{ topProducts { name reviews { body } } }', operationName: undefined };
  const here = planner.plan({ ...request, selections: 250 });
  expect(here).not.toBeInstanceOf(Promise);
  const apart = planner.plan({ ...request, selections: 251 });
  expect(apart).toBeInstanceOf(Promise);
  expect(await apart).toEqual(here);
  await planner.close();
});
