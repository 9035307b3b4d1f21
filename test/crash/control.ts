import { readFileSync } from 'node:fs';
import { Agent, fetch } from 'undici';
import type { SimulatorReady } from '../../src/commands/simulator-process.ts';

/** The simulator's own side entrance, which nothing at Microsoft has. */
export interface Control {
  /** Sends an order and gives the answer; `path` behind the control URL. Throws what the simulator refuses. */
  tell(path: string, method: string, body?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

export function openControl(ready: SimulatorReady): Control {
  const dispatcher = new Agent({ connect: { ca: readFileSync(ready.ca_file, 'utf8') } });
  return {
    async tell(path, method, body) {
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await fetch(`${ready.control}/${path}`, { method, dispatcher, ...content });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return JSON.parse(text) as unknown;
    },
    close: () => dispatcher.close(),
  };
}
