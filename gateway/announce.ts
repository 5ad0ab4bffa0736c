// What a person who started the program reads in the terminal: where it is, and how to sign in to the demo clinic.

export interface SignIn {
  readonly email: string;
  readonly password: string;
  /** Who that is in the demo clinic. */
  readonly who: string;
}

export interface Announcement {
  readonly publicUrl: string;
  readonly graphiql: boolean;
  /** Where mail can be read that is not sent, for lack of an SMTP server; undefined: it is sent, or cannot be read. */
  readonly mailUrl: string | undefined;
  readonly signIns: readonly SignIn[];
}

export function announce({ publicUrl, graphiql, mailUrl, signIns }: Announcement): void {
  const lines = ['', `  Caregraph is ready:  ${publicUrl}/graphql`];
  if (graphiql) lines.push(`  Explore it:          ${publicUrl}/graphiql`);
  if (mailUrl !== undefined) lines.push(`  Mail it would send:  ${mailUrl}`);
  if (signIns.length > 0) {
    const widest = Math.max(...signIns.map(({ email }) => email.length));
    lines.push('', '  Sign in to the demo clinic (shown this once):');
    for (const { email, password, who } of signIns) lines.push(`    ${email.padEnd(widest)}  ${password}  ${who}`);
  }
  process.stdout.write(`${lines.join('\n')}\n\n`);
}
