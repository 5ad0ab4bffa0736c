// Where Prisma's tools find the schema folder. The connection is given at run time, never here.
export default { schema: 'prisma/schema' };
