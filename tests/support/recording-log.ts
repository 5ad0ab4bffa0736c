// A log that a test can read.

export function recordingLog() {
  const lines: { level: string; text: string }[] = [];
  const at = (level: string) => (facts: unknown, message?: string) => {
    lines.push({ level, text: `${message} ${JSON.stringify(facts)}` });
  };
  return { lines, info: at('info'), warn: at('warn'), error: at('error'), debug: at('debug') };
}
