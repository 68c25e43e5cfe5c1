import module from 'node:module';

/** The part of Yarn's API that is used here. Source: https://yarnpkg.com/advanced/pnpapi, read at Yarn 4. */
interface PnpApi {
  getAllLocators(): readonly Locator[];
  getPackageInformation(locator: Locator): { readonly packageLocation: string } | null;
}

interface Locator {
  readonly name: string | null;
  readonly reference: string | null;
}

/** Lists where the copies of a package lie under Yarn's Plug'n'Play: in archives, and no folder lists them. */
export function placesInArchives(packageName: string): string[] {
  const { findPnpApi } = module as { findPnpApi?: (place: string) => PnpApi | null };
  const api = findPnpApi?.(`${process.cwd()}/`);
  if (!api) return [];
  return api
    .getAllLocators()
    .filter(({ name }) => name === packageName)
    .map((locator) => api.getPackageInformation(locator)?.packageLocation)
    .filter((place) => place !== undefined);
}
