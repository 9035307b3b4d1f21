/** One mail to one recipient, ready to send. */
export interface OutgoingMail {
  /** With angle brackets; the same on every attempt. */
  readonly messageId: string;
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** When it was written: becomes the Date header, so that a repeat is the same mail. UTC epoch ms. */
  readonly writtenAt: number;
}

/** A way out of the machine. `send` resolves when the receiver has taken the mail, else throws `DeliveryError`. */
export interface Channel {
  /** The `channel` column of the outbox rows it takes. */
  readonly name: string;
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
}
