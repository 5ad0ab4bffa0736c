// What is no request: headers that are too large or do not end, or no HTTP at all. Node.js hands over the bare connection.
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import { AppError, type ErrorCode } from '../errors.ts';

const codes: Readonly<Record<string, ErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
};

/** For whoever still sends: closed at once, the connection would be reset and the answer lost. */
const lingerMilliseconds = 1_000;

/** Node.js knows here what it answers on the connection. */
interface AnsweringSocket extends Socket {
  readonly _httpMessage?: Pick<ServerResponse, 'headersSent'> | null;
}

/** Answers as every other refusal and closes. Nothing of it is logged: the error holds the bytes that came. */
export function refuseUnreadable(error: ConnectionError, socket: AnsweringSocket): void {
  // More of the same has come.
  if (socket.destroyed || socket.writableEnded) return;
  // In the middle of another answer this one would be taken for a part of it.
  if (error.code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent) {
    socket.destroy();
    return;
  }
  socket.end(answerTo(error));
  setTimeout(() => socket.destroy(), lingerMilliseconds).unref();
}

function answerTo({ code }: ConnectionError): string {
  const { http, message, extensions } = new AppError(codes[code] ?? 'BAD_REQUEST');
  const body = JSON.stringify({ errors: [{ message, extensions }] });
  const head = [
    `HTTP/1.1 ${http} ${STATUS_CODES[http]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
