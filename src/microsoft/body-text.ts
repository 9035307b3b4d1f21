/**
 * The text of an answer, as `Response.text()` gives it. That joins the pieces of a page in a buffer of 4 MB and makes of it a
 * string outside of the heap; both lie about until a collection, and the allocator never gives their room back whole. Here
 * each piece becomes text by itself. Throws what reading the body throws.
 */
export async function textOf(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
}
