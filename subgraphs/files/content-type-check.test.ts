// Whether content is taken for what it was declared as: what must be refused, and what must not.
import { describe, expect, test } from '@jest/globals';
import { createContentTypeCheck, decidingBytes, requireContentOf, WrongContent } from './content-type-check.ts';

const zeros = (length: number) => Buffer.alloc(length);
const content = {
  png: Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex'),
  jpeg: Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
  gif: Buffer.concat([Buffer.from('GIF89a'), zeros(20)]),
  bmp: Buffer.concat([Buffer.from('BM'), zeros(60)]),
  pdf: Buffer.from('%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n'),
  zip: Buffer.concat([Buffer.from('504b0304140000000000', 'hex'), zeros(4_000)]),
  exe: Buffer.concat([Buffer.from('MZ'), zeros(100)]),
  elf: Buffer.concat([Buffer.from('7f454c46', 'hex'), zeros(100)]),
  wav: Buffer.concat([Buffer.from('RIFF'), zeros(4), Buffer.from('WAVEfmt '), zeros(30)]),
  mp4: Buffer.concat([Buffer.from('00000018', 'hex'), Buffer.from('ftypisom'), zeros(40)]),
  dicom: Buffer.concat([zeros(128), Buffer.from('DICM'), zeros(40)]),
  gzip: Buffer.concat([Buffer.from('1f8b0800', 'hex'), zeros(40)]),
  rtf: Buffer.from('{\\rtf1\\ansi hello}'),
  xml: Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
  svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
  html: Buffer.from('<!doctype html><p>Hello</p>'),
  json: Buffer.from('{"a": 1}'),
  table: Buffer.from('BMI,height,weight\n21,180,70\n'),
  marked: Buffer.from('MZ;ID3;a letter that begins as programs do'),
  hl7: Buffer.from('MSH|^~\\&|LAB|...\r'),
  signal: Buffer.from('0001f3a7ff00', 'hex'),
  nothing: Buffer.alloc(0),
};
type Content = keyof typeof content;

const refused: [string, Content][] = [
  ['image/png', 'jpeg'],
  ['image/png', 'gif'],
  ['image/png', 'nothing'],
  ['image/png', 'html'],
  ['image/png; a=b', 'svg'],
  ['image/jpg', 'png'],
  ['image/jpeg', 'exe'],
  ['application/pdf', 'exe'],
  ['application/pdf', 'html'],
  ['application/dicom', 'png'],
  ['application/zip', 'gzip'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'pdf'],
  ['audio/wav', 'mp4'],
  ['text/plain', 'exe'],
  ['text/plain', 'elf'],
  ['text/csv', 'zip'],
  ['text/csv', 'bmp'],
  ['text/plain; charset=utf-8', 'pdf'],
  ['text/html', 'png'],
  ['application/json', 'gzip'],
  ['image/svg+xml', 'png'],
  ['application/fhir+json', 'exe'],
];

const taken: [string, Content][] = [
  ...(Object.keys(content) as Content[]).map((kind): [string, Content] => ['application/octet-stream', kind]),
  ...(Object.keys(content) as Content[]).map((kind): [string, Content] => ['application/x-our-device', kind]),
  ['image/png', 'png'],
  ['IMAGE/PNG; a=b', 'png'],
  ['image/jpg', 'jpeg'],
  ['image/jpeg', 'jpeg'],
  ['audio/x-wav', 'wav'],
  ['audio/vnd.wave', 'wav'],
  ['video/mp4', 'mp4'],
  ['video/quicktime', 'mp4'],
  ['application/dicom', 'dicom'],
  ['application/pdf', 'pdf'],
  ['application/zip', 'zip'],
  ['application/x-zip-compressed', 'zip'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'zip'],
  ['application/vnd.oasis.opendocument.spreadsheet', 'zip'],
  ['application/epub+zip', 'zip'],
  ['application/java-archive', 'zip'],
  ['application/msword', 'signal'],
  ['text/rtf', 'rtf'],
  ['application/rtf', 'rtf'],
  ['text/plain', 'table'],
  ['text/csv', 'table'],
  ['text/plain', 'marked'],
  ['text/plain', 'hl7'],
  ['text/plain', 'nothing'],
  ['text/html', 'html'],
  ['text/html', 'xml'],
  ['application/json', 'json'],
  ['application/fhir+json', 'json'],
  ['application/xml', 'xml'],
  ['image/svg+xml', 'xml'],
  ['image/svg+xml', 'svg'],
];

test.each(refused)('%s is refused with content of %s', async (declared, kind) => {
  await expect(requireContentOf(declared, content[kind])).rejects.toThrow(WrongContent);
});

test.each(taken)('%s is taken with content of %s', async (declared, kind) => {
  await requireContentOf(declared, content[kind]);
});

test('the refusal names both types, and nothing of the content', async () => {
  await expect(requireContentOf('Image/JPG; name=secret', content.png)).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: 'The file was declared as image/jpeg, but its bytes are image/png.',
  });
  await expect(requireContentOf('image/png', content.html)).rejects.toMatchObject({
    message: 'The file was declared as image/png, but its bytes do not show that.',
  });
});

describe('bytes that arrive bit by bit', () => {
  const picture = Buffer.concat([content.gif, zeros(2 * decidingBytes)]);

  test('are refused as soon as enough of them have passed, and not before', async () => {
    const check = createContentTypeCheck('image/png');
    for (let at = 0; at < decidingBytes - 1; at += 1) await check.pass(picture.subarray(at, at + 1));
    await expect(check.pass(picture.subarray(0, 1))).rejects.toThrow(WrongContent);
  });

  test('are refused at their end when there are no more', async () => {
    const check = createContentTypeCheck('image/png');
    await check.pass(content.gif);
    await expect(check.end()).rejects.toThrow(WrongContent);
  });

  test('are refused after an interruption like without one', async () => {
    const before = createContentTypeCheck('image/png');
    await before.pass(picture.subarray(0, 1_000));
    const after = createContentTypeCheck('image/png', before.head());
    await expect(after.pass(picture.subarray(1_000))).rejects.toThrow(WrongContent);
  });

  test('are decided on once', async () => {
    const check = createContentTypeCheck('image/png');
    await check.pass(Buffer.concat([content.png, zeros(decidingBytes)]));
    await check.pass(content.gif);
    await check.end();
    const later = createContentTypeCheck('image/png', check.head());
    await later.pass(content.gif);
    await later.end();
    expect(later.head()).toHaveLength(decidingBytes);
  });
});
