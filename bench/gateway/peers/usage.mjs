// Tells the bench what this process uses, whenever it asks.
export function tellUsage(port) {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ cpuMs: (user + system) / 1_000, rssMB: process.memoryUsage.rss() / 1_000_000 });
  });
  process.send({ port });
}
