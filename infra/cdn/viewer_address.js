// CloudFront Function, viewer request, on the API's paths: says from which address the viewer asks.
//
// API Gateway itself only sees CloudFront's. What a client sent under this name is replaced; who goes
// round CloudFront is not believed (the origin's `x-cdn-secret` is missing then).
function handler(event) {
  const request = event.request;
  request.headers['x-viewer-address'] = { value: event.viewer.ip };
  return request;
}
