// Tests run as ES modules (node --experimental-vm-modules); swc takes the types out, tsc checks them in `npm run check`.
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testMatch: ['<rootDir>/{gateway,platform,subgraphs,operations,tests,bench}/**/*.test.ts'],
  // Generous: what hangs is found all the same, and machines are busy at times.
  testTimeout: 180_000,
  // Suites start programs, servers and browsers of their own, and wait for them half of the time.
  maxWorkers: 2,
  // A worker keeps what its suites have loaded; past this it is replaced between two suites.
  workerIdleMemoryLimit: '1500MB',
  reporters: ['default', '<rootDir>/scripts/count-tests.mjs'],
};
