// The little that hand-written SQL needs of a database, the same for the embedded one and a server.

/** One connection, inside a transaction. */
export interface SqlTransaction {
  /** One statement with bound parameters. */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** A script of several statements, without parameters. */
  run(script: string): Promise<void>;
}

/** Something that only one process does at a time. */
export interface Lease {
  /** Aborted when it is no longer sure that this process holds the lease. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** SQL without parameters, or what tells it once the lease is held. */
export type Statements = readonly string[] | (() => Promise<readonly string[]>);

/** Where the tables are: inside this process, or on a server. */
export interface SqlConnection {
  /** Whether no other process can use this database while this one has it open. */
  readonly exclusive: boolean;
  /** How many statements it runs at once. */
  readonly connections: number;
  /** One statement with bound parameters, outside a transaction. */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Commits when `work` resolves, rolls back when it rejects. Nothing else of `work` may await this connection. */
  transaction<T>(work: (transaction: SqlTransaction) => Promise<T>): Promise<T>;
  /**
   * Runs statements one after the other for as long as they take, on a connection of their own and outside a
   * transaction, under the lease of this name; false when another process or call holds it. For what PostgreSQL does in
   * the background, such as building indexes. Statements that depend on what is so under the lease are asked for then.
   */
  runAlone(lease: string, statements: Statements): Promise<boolean>;
  /** Takes the lease of this name; undefined while another process holds it. Rejects when the database is away. */
  tryLease(name: string): Promise<Lease | undefined>;
  /** Waits for what is running. */
  close(): Promise<void>;
}
