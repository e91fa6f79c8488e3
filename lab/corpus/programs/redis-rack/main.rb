require 'rack'
require 'rack/mock'
require 'rack/session/redis'

url = "redis://127.0.0.1:#{ENV['CORPUS_PORT']}/0"
open_app = lambda do |seconds|
  inner = lambda do |env|
    session = env['rack.session']
    case env['PATH_INFO']
    when '/use' then session['visits'] = 1
    when '/logout' then session.destroy
    else session['user'] = env['PATH_INFO'].delete('/')
    end
    [200, {}, [session.id.to_s]]
  end
  options = { redis_server: url, key: 'shop' }
  options[:expire_after] = seconds if seconds
  Rack::MockRequest.new(Rack::Session::Redis.new(inner, **options))
end

cookie = ->(answer) { (answer['Set-Cookie'] || '').split(';').first.to_s }
print_id = lambda do |answer|
  public_id = cookie.(answer).split('=').last
  puts "id hex #{public_id}", "id hex #{Rack::Session::SessionId.new(public_id).private_id.split('::').last}"
end
app = open_app.(1800)
ann = app.get('/ann')
print_id.(ann)
app.get('/use', 'HTTP_COOKIE' => cookie.(ann))
print_id.(app.get('/logout', 'HTTP_COOKIE' => cookie.(app.get('/ben'))))
# Without expire_after, which is the default, sessions have no TTL.
print_id.(open_app.(nil).get('/tim'))
open_app.(1).get('/eve')
sleep 1.5
