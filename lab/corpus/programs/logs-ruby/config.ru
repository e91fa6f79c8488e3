# A shop on Rack, which users enter in several ways. Sessions are in memory.
require 'securerandom'

SESSIONS = {}
FORMS = %w[/login /users/sign_in /anmelden]
OUT = %w[/logout /users/sign_out /abmelden]
COOKIE = '_shop_session'

def begin_session(user, old)
  SESSIONS.delete(old)
  name = SecureRandom.hex(32)
  SESSIONS[name] = user
  { 'Set-Cookie' => "#{COOKIE}=#{name}; path=/; HttpOnly; SameSite=Lax" }
end

def to(way, more = {})
  [302, { 'Location' => way }.merge(more)]
end

def answer(method, path, session)
  user = SESSIONS[session]
  removed = { 'Set-Cookie' => "#{COOKIE}=; path=/; max-age=0; expires=Thu, 01 Jan 1970 00:00:00 GMT" }
  return [200, SESSIONS.key?(session) ? {} : begin_session(false, nil)] if FORMS.include?(path) && method == 'GET'
  return [200, begin_session('ann', session)] if path == '/session' && method == 'POST'
  return to('/account', begin_session('ann', session)) if path == '/auth/cb' || FORMS.include?(path)
  return to('https://id.example/authorize') if path == '/auth/start'

  if OUT.include?(path) || path == '/session'
    SESSIONS.delete(session)
    return path == '/session' ? [204, removed] : to('/', removed)
  end
  if %w[/account /cart /api/me].include?(path) || path.start_with?('/orders/')
    return method == 'POST' ? to('/cart') : [200, {}] if user

    return path == '/api/me' ? [401, {}] : to('/login')
  end
  [200, {}]
end

run(lambda do |env|
  if File.exist?(ENV['FLUSHED']) && !$flushed
    $flushed = true
    SESSIONS.clear
  end
  session = env['HTTP_COOKIE'].to_s[/#{COOKIE}=([0-9a-f]+)/, 1]
  status, headers = answer(env['REQUEST_METHOD'], env['PATH_INFO'], session)
  [status, headers, status == 204 ? [] : ['shop']]
end)
