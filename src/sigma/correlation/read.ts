import type { DocumentHead, Reader } from '../head.ts';
import { keyOf } from '../head.ts';
import type { SigmaCorrelation } from './model.ts';

export function readCorrelation(reader: Reader, head: DocumentHead): SigmaCorrelation | null {
  void head;
  return reader.document.error(
    keyOf(reader, 'correlation'),
    'correlation documents are not supported by this version',
  );
}
