// CloudFront Function, viewer request, on /m/*: checks the path token and takes it off the path.
//
//   /m/{token}/videos/1/0af…/h264-720p/seg_00003.m4s  ->  /videos/1/0af…/h264-720p/seg_00003.m4s
//
// The rules are those of layers/common/videosite/library/media_token.py; both are held to
// tests/unit/media_token_vectors.json. The secret is under "media" in the key-value store
// (python -m infra.cdn.put_key). Without the token in the path, all viewers share one cached object.
import crypto from 'crypto';
import cf from 'cloudfront';

const ADDRESS = /^\/m\/([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})\/(.*)$/;
const PAYLOAD = /^([0-9]{1,12}):(.+)$/;
const PLAIN_PATH = /^[A-Za-z0-9_-]+([.\/][A-Za-z0-9_-]+)*[\/_]?$/;

function refuse(status, title, code, detail) {
  return {
    statusCode: status,
    statusDescription: title,
    headers: {
      'content-type': { value: 'application/problem+json' },
      'cache-control': { value: 'no-store' },
      'access-control-allow-origin': { value: '*' },
    },
    body: JSON.stringify({
      type: 'urn:videosite:problem:' + code, title: title, status: status, detail: detail, code: code,
    }),
  };
}

// Takes as long wherever the first difference is.
function sameText(a, b) {
  if (a.length !== b.length) {
    return false;
  }
  let difference = 0;
  for (let i = 0; i < a.length; i++) {
    difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  }
  return difference === 0;
}

// A scope is a folder or the beginning of names, or else one path.
function opens(scope, path) {
  return /[\/_]$/.test(scope) ? path.startsWith(scope) : path === scope;
}

// null: let it through. Otherwise the code of the refusal.
function verify(encoded, mac, path, secret, nowS) {
  const payload = Buffer.from(encoded, 'base64url').toString();
  const canonical = Buffer.from(payload).toString('base64url') === encoded;
  const expected = crypto.createHmac('sha256', secret).update(payload).digest('base64url');
  if (!canonical || !sameText(mac, expected)) {
    return 'bad_media_token';
  }
  const fields = PAYLOAD.exec(payload);
  if (!fields || !opens(fields[2], path) || !PLAIN_PATH.test(path)) {
    return 'bad_media_token';
  }
  return nowS >= Number(fields[1]) ? 'expired_media_token' : null;
}

async function handler(event) {
  const request = event.request;
  const address = ADDRESS.exec(request.uri);
  if (!address) {
    return refuse(403, 'Forbidden', 'bad_media_token', 'This media address is not valid.');
  }
  let secret;
  try {
    secret = await cf.kvs().get('media');
  } catch (error) {
    return refuse(503, 'Service Unavailable', 'no_media_key', 'The media key was not put into the CDN yet.');
  }
  const code = verify(address[1], address[2], address[3], secret, Date.now() / 1000);
  if (code === 'expired_media_token') {
    return refuse(403, 'Forbidden', code, 'This media address has expired; ask for a new one.');
  }
  if (code) {
    return refuse(403, 'Forbidden', code, 'This media address is not valid.');
  }
  request.uri = '/' + address[3];
  return request;
}
