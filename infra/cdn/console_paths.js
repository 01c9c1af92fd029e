// CloudFront Function, viewer request, on the console: every address that names no file is a page of the
// console, which is one file and finds out by itself which page.
//
//   /watch/123  ->  /index.html        /assets/index-0af1.js  ->  itself
//
// The local proxy has the same rule (infra/local/console.py); both are held to tests/unit/console_paths.json.
function handler(event) {
  const request = event.request;
  const name = request.uri.slice(request.uri.lastIndexOf('/') + 1);
  if (!name.includes('.')) {
    request.uri = '/index.html';
  }
  return request;
}
