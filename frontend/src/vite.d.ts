// What Vite makes of an import that ends in `?url`: the address of the built file.
declare module "*?url" {
  const address: string;
  export default address;
}
