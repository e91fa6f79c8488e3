/** User data as text: EC2 APIs carry it in base64, people write it as a script. */
export function decodeUserData(userData: string): string {
  const trimmed = userData.trim();
  if (trimmed === '' || trimmed.startsWith('#!')) return trimmed === '' ? '' : userData;
  return Buffer.from(trimmed, 'base64').toString('utf8');
}
