/** Takes user names and passwords out of the addresses in a text. */
export function hideSecrets(text: string): string {
  return text.replaceAll(/\/\/[^@/\s]*@/g, '//***@');
}
