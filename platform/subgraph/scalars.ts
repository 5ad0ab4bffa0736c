// The scalars that contracts use, with what they accept. DateTime and JSON come from graphql-scalars.
import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSON } from 'graphql-scalars';

const positionShape = /^(0|[1-9]\d{0,18})$/;
/** What a column of 64 bits holds. */
const lastPosition = 2n ** 63n - 1n;

function position(value: unknown): bigint {
  if (typeof value === 'string' && positionShape.test(value) && BigInt(value) <= lastPosition) return BigInt(value);
  throw new GraphQLError('A position is digits in a string, as it came with an event.');
}

const Position = new GraphQLScalarType<bigint, string>({
  name: 'Position',
  serialize: (value) => String(value),
  parseValue: position,
  parseLiteral: (node) => position(node.kind === Kind.STRING ? node.value : undefined),
});

const FileSize = new GraphQLScalarType<number, number>({
  name: 'FileSize',
  serialize: (value) => Number(value),
  parseValue: (value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw new GraphQLError('A number of bytes is a whole number.');
  },
});

export const scalarResolvers: Readonly<Record<string, GraphQLScalarType>> = {
  // Under the name that contracts give it: a schema with resolvers added again is put together by name.
  DateTime: new GraphQLScalarType({ ...GraphQLDateTimeISO.toConfig(), name: 'DateTime' }),
  JSON: GraphQLJSON,
  Position,
  FileSize,
};
