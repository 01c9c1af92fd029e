// CloudFront Function, viewer request, on /api/v1/ws and /api/v1/ws/admin: sends both to the stage of
// the one WebSocket API and says by which address the client came in.
//
// No path may follow the stage (API Gateway answers 403), so the address becomes a query field. A
// scope the client sent itself is dropped: only this function speaks of it.
const SCOPES = { '/api/v1/ws': 'user', '/api/v1/ws/admin': 'admin' };

function handler(event) {
  const request = event.request;
  const scope = SCOPES[request.uri];
  if (!scope) {
    return { statusCode: 404, statusDescription: 'Not Found' };
  }
  const query = {};
  if (request.querystring.token) {
    query.token = { value: request.querystring.token.value };
  }
  query.scope = { value: scope };
  request.querystring = query;
  request.uri = '/live';
  return request;
}
