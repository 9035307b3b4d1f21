/** Names and values as a process gets them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process: the only place that reads it, once, at the start of a command. */
export function processEnvironment(): Environment {
  return process.env;
}
