# Sessions and cookies that Rails cannot read or decrypt. Each entry's first line names what was wrong.
require 'active_support'
require 'active_support/message_encryptor'
require 'active_support/message_verifier'
require 'active_support/core_ext/marshal'
require 'logger'

LOG = Logger.new($stderr)

# As ActionDispatch::DebugExceptions logs what a controller raised.
def failed(name, error)
  $stderr.print "\x1e#{name}\n"
  LOG.fatal(([nil, "#{error.class} (#{error.message}):", nil] + error.backtrace.first(8)).join("\n"))
end

class Cart
  def initialize = @items = ['three books']
end

old, other = ['a' * 32, 'b' * 32].map { |key| ActiveSupport::MessageEncryptor.new(key, cipher: 'aes-256-gcm') }
begin
  other.decrypt_and_verify(old.encrypt_and_sign('ann'))
rescue StandardError => error
  failed('another secret_key_base, encrypted', error)
end
signed = ActiveSupport::MessageVerifier.new('old').generate('ann')
begin
  ActiveSupport::MessageVerifier.new('new').verify(signed)
rescue StandardError => error
  failed('another secret_key_base, signed', error)
end
kept = Marshal.dump(Cart.new)
Object.send(:remove_const, :Cart)
begin
  Marshal.load(kept)
rescue StandardError => error
  failed('class removed', error)
end
begin
  Marshal.load('{"user":"ann"}')
rescue StandardError => error
  failed('another codec', error)
end
